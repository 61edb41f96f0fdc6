"""Reading returned workbooks: what is safe to open (`preflight`), the entries (`read`), and where findings stand."""
