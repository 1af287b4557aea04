/* SPDX-License-Identifier: MIT */
/* A program that is careless: loads libraries by their names alone, wherever Windows looks first. */
#include <windows.h>

int main(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++)
        LoadLibraryA(argv[i]);
    return 0;
}
