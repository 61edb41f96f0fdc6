"""Return workbooks: where each entry and result stands (`layout`), their formulas, their sheets, whole batches."""
