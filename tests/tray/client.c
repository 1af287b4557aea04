/* SPDX-License-Identifier: MIT */
/*
 * A mail client that is a Windows program, so that the log can name it: under Wine the programs of the Linux
 * around it have no name. Sends one mail, tells the dialogue on stdout, stays until its stdin has ended, and ends with 0
 * if all was accepted.
 *
 *     client.exe PORT SENDER RECIPIENT SUBJECT
 */
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_BYTES = 4096 };

/* Reads up to the last line of a reply. */
static bool hear(SOCKET s, char first)
{
    static char bytes[REPLY_BYTES];
    size_t length = 0, line = 0;

    for (;;) {
        int got = recv(s, bytes + length, (int)(sizeof bytes - 1 - length), 0);

        if (got <= 0)
            return false;
        length += (size_t)got;
        bytes[length] = '\0';
        for (char *end; (end = strstr(bytes + line, "\r\n")); line = (size_t)(end + 2 - bytes))
            if (end - (bytes + line) >= 4 && bytes[line + 3] == ' ') {
                printf("< %s", bytes + line);
                return bytes[line] == first;
            }
        if (length == sizeof bytes - 1)
            return false;
    }
}

static bool say(SOCKET s, char first, const char *format, const char *word)
{
    char line[1024];
    int length = snprintf(line, sizeof line, format, word);

    printf("> %s", line);
    return length > 0 && length < (int)sizeof line && send(s, line, length, 0) == length && hear(s, first);
}

static bool send_mail(SOCKET s, char *const word[])
{
    return hear(s, '2') && say(s, '2', "EHLO client\r\n", "") && say(s, '2', "MAIL FROM:<%s>\r\n", word[2]) &&
           say(s, '2', "RCPT TO:<%s>\r\n", word[3]) && say(s, '3', "DATA\r\n", "") &&
           say(s, '2', "Subject: %s\r\n\r\nGood day.\r\n.\r\n", word[4]);
}

int main(int argc, char *argv[])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    WSADATA winsock;
    SOCKET s;
    bool sent;
    char octet;

    if (argc != 5 || WSAStartup(MAKEWORD(2, 2), &winsock) != 0)
        return 2;
    address.sin_port = htons((unsigned short)atoi(argv[1]));
    s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    /* Fails, of course. But Wine's table of sockets knows the owners of those only that were once read from or written
     * to; Windows' table knows all. */
    recv(s, &octet, 1, 0);
    if (s == INVALID_SOCKET || connect(s, (struct sockaddr *)&address, sizeof address) != 0)
        return 1;
    sent = send_mail(s, argv);
    while (getchar() != EOF)
        continue;
    say(s, '2', "QUIT\r\n", "");
    closesocket(s);
    WSACleanup();
    return sent ? 0 : 1;
}
