"""Lists that come in as XLSX or CSV: judged before they are opened, read strictly, row by row (design: reliability 4b)."""
