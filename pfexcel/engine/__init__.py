"""Rating: one return (`rate`), a table of them (`bulk`), and the words that explain a rating (`trace`)."""
