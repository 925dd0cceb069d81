"""What WhatsApp asks for beside its channel: message templates and their prices."""
