"""Reading the lake by its plain files: columns, report, quarantine."""
