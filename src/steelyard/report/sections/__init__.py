"""One section of the page a file: facts in, what its template shows out, None when there is nothing to show."""
