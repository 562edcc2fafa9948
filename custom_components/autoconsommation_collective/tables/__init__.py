"""What the platforms show: tables of descriptions, one for each kind of device."""
