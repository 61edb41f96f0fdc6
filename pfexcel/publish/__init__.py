"""From the register to the published quarter: plain records, and the files written from them."""
