// SPDX-License-Identifier: MIT
const nodemailer = require("nodemailer");

const server = nodemailer.createTransport({ host: "localhost", port: 25, secure: false });

server.sendMail({
    from: "me@example.net",
    to: "anna@example.org",
    subject: "The backup is done",
    text: "All files were copied.",
}).then(
    (sent) => console.log(sent.response),           // the receipt of Anna's server
    (error) => { console.error(error.message); process.exit(1); },
);
