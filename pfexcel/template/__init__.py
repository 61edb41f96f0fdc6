"""The worksheet functions' template workbook and worked examples: `examples`, `build`, one module a sheet."""
