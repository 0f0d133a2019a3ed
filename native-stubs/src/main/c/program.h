/* Programs that the client starts because the daemon asks for it. */
#ifndef PROGRAM_H
#define PROGRAM_H

/*
 * Starts a program that is found on PATH, in a process group of its own, with an empty standard input; returns a descriptor of the
 * process, or the negated errno. The text is so many words, each with a zero byte; the descriptors are those of its output and
 * its third.
 */
long start_program(char *text, int count, const int *fds);

/* Leaves no zombie of those that have ended. */
void forget_programs(void);

#endif
