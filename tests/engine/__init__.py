"""The sums: laws first, then vectors worked by hand."""
