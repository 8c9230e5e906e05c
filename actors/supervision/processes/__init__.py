"""OS processes as children: start, output, end, and every process below them."""
