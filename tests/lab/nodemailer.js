// SPDX-License-Identifier: MIT
// Sends one mail by nodemailer: node nodemailer.js MODULES '{"host":..,"port":..,"from":..,"to":[..],"path":.., "method":.., "auth":..}'
const nodemailer = require(process.argv[2] + '/nodemailer');
const o = JSON.parse(process.argv[3]);
const transport = nodemailer.createTransport({
  host: o.host, port: o.port, secure: false, auth: o.auth, authMethod: o.method, connectionTimeout: o.timeout, socketTimeout: o.timeout, name: 'client',
});
transport.sendMail({ envelope: { from: o.from, to: o.to }, raw: { path: o.path } }, (error, info) => {
  if (error || info.rejected.length) {
    const errors = error ? [error] : info.rejectedErrors;
    console.log(errors.map((e) => e.response || e.message).join('\n'));
    process.exit(1);
  }
  console.log(info.response);
});
