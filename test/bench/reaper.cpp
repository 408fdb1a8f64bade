// Runs a command, and is the parent of every process below it whose own parent has ended: what those took of the processor is
// then counted among this one's children, as what others have waited for is counted among theirs. Ends with the command's code.
//
//     reaper COMMAND ARGUMENTS...
#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return 125;
  pid_t command = fork();
  if (command < 0) return 125;
  if (command == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  // The command answers these.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  for (;;) {
    int status = 0;
    pid_t ended = waitpid(-1, &status, 0);
    if (ended < 0) return 125;
    if (ended == command) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}
