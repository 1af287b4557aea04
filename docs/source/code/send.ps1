# SPDX-License-Identifier: MIT
Send-MailMessage -SmtpServer localhost -From me@example.net -To anna@example.org `
    -Subject "The backup is done" -Body "All files were copied." -ErrorAction Stop
