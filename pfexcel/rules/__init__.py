"""The rulebook as data: editions, the expression language their rules are written in, and the records they load into."""
