"""LibreOffice Calc: the extension `pfexcel.oxt`, made from the registry by Python alone."""
