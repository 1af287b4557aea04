// SPDX-License-Identifier: MIT
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

var mail = new MimeMessage();
mail.From.Add(MailboxAddress.Parse("me@example.net"));
mail.To.Add(MailboxAddress.Parse("anna@example.org"));
mail.Subject = "The backup is done";
mail.Body = new TextPart("plain") { Text = "All files were copied." };

using var server = new SmtpClient();
server.Connect("localhost", 25, SecureSocketOptions.None);
Console.WriteLine(server.Send(mail));        // the receipt of Anna's server
server.Disconnect(true);
