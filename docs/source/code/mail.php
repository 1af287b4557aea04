<?php
// SPDX-License-Identifier: MIT
$sent = mail('anna@example.org', 'The backup is done', 'All files were copied.');
exit($sent ? 0 : 1);
