# SPDX-License-Identifier: MIT
import smtplib
from email.message import EmailMessage

mail = EmailMessage()
mail["From"] = "me@example.net"
mail["To"] = "anna@example.org"
mail["Subject"] = "The backup is done"
mail.set_content("All files were copied.\n")

with smtplib.SMTP("localhost", 25, timeout=60) as server:
    server.send_message(mail)     # an exception has the words of Anna's server
