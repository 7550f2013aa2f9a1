"""What every program here needs: settings, logins, topic names, offsets, the broker's errors."""
