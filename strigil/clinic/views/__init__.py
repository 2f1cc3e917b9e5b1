"""Pages: read the request, call one function, render."""
