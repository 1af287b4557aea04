/* SPDX-License-Identifier: MIT */
/* Another mail server of this machine: holds 127.0.0.1:25 until it is ended. */
#include <stdio.h>

#include <winsock2.h>

int main(void)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_port = htons(25), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char octet;
    WSADATA data;
    SOCKET s;

    WSAStartup(MAKEWORD(2, 2), &data);
    s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (bind(s, (struct sockaddr *)&here, sizeof here) != 0 || listen(s, 1) != 0)
        return 1;
    /* Fails, of course. But Wine's table of sockets knows the owners of those only that were once read from or written
     * to; Windows' table knows all. */
    recv(s, &octet, 1, 0);
    Sleep(INFINITE);
    return 0;
}
