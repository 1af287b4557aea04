<?php
// SPDX-License-Identifier: MIT
use PHPMailer\PHPMailer\PHPMailer;
require 'vendor/autoload.php';

$mail = new PHPMailer(true);          // true: a failure is an exception
$mail->isSMTP();
$mail->Host = 'localhost';
$mail->Port = 25;
$mail->SMTPAuth = false;
$mail->SMTPAutoTLS = false;
$mail->setFrom('me@example.net');
$mail->addAddress('anna@example.org');
$mail->Subject = 'The backup is done';
$mail->Body = 'All files were copied.';
$mail->send();
