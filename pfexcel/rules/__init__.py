"""The rulebook as data: editions, the expression language of their rules, and the records they load into."""
