#!/bin/sh
# The command as its service runs it: by its user, in its folder, with its settings. To be /usr/local/bin/rangkul.
umask 077
cd /var/lib/rangkul && exec runuser --user rangkul -- /opt/rangkul/.venv/bin/rangkul "$@"
