// SPDX-License-Identifier: MIT
using System.Net.Mail;

class Send
{
    static void Main()
    {
        using (var server = new SmtpClient("localhost", 25))
            server.Send("me@example.net", "anna@example.org", "The backup is done", "All files were copied.");
    }
}
