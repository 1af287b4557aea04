-- SPDX-License-Identifier: MIT
EXEC msdb.dbo.sysmail_add_account_sp
    @account_name = 'Traypost', @email_address = 'sql@example.net',
    @mailserver_name = 'localhost', @port = 25, @enable_ssl = 0;
EXEC msdb.dbo.sysmail_add_profile_sp @profile_name = 'Traypost';
EXEC msdb.dbo.sysmail_add_profileaccount_sp
    @profile_name = 'Traypost', @account_name = 'Traypost', @sequence_number = 1;
EXEC msdb.dbo.sp_send_dbmail
    @profile_name = 'Traypost', @recipients = 'anna@example.org',
    @subject = 'The backup is done', @body = 'All files were copied.';
