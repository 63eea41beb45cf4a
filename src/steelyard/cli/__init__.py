"""The command line: one verb a file; heavy imports happen inside the verb, so that --help is instant."""
