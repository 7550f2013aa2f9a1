"""The pages' tables and charts as one file that needs neither the program nor a network."""
