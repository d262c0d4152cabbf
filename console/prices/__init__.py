"""What machines cost: a table that ships with the program, and sums in which the unknown stays unknown."""
