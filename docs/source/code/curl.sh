# SPDX-License-Identifier: MIT
curl smtp://localhost:25 --crlf --mail-from me@example.net --mail-rcpt anna@example.org --upload-file mail.txt
