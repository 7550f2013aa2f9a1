"""Ways from Kraken's answers to acknowledged records, each as its documentation shows it."""
