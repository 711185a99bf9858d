"""The server's side of the field app: devices, the package they carry, what they send back."""
