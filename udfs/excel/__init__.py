"""Excel for Windows, through the open-source part of xlwings."""
