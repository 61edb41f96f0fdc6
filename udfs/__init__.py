"""The worksheet functions in spreadsheet programs: a folder a host, each made from `pfexcel.functions`."""
