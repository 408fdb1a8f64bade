// How the sanitizers behave. Built in, because the jail's environment is the same for every pass and a program could change it.
#pragma once

extern "C" {

// The first error ends the process, by a code that tells. Reports hold addresses only: names are found outside.
// - Signals: a bad address and a division by zero are findings, whoever else would handle them;
//   abort and a trap are a program's own end.
// - Nothing is asked of /proc, which a jail has not. Leaks are no fault of a test that ends.
// - Memory: freed blocks are held back up to 16 MiB; stacks of allocations are not kept, nobody is told them.
// - A block that is too large is null, as without sanitizers.
__attribute__((used, visibility("default"))) inline const char *__asan_default_options() {
  return "exitcode=87:halt_on_error=1:abort_on_error=0:symbolize=0:stack_trace_format='    #%n %p':color=never:"
         "handle_segv=2:handle_sigbus=2:handle_sigfpe=2:handle_sigill=0:handle_abort=0:use_sigaltstack=1:"
         "detect_leaks=0:detect_odr_violation=0:check_initialization_order=0:detect_stack_use_after_return=0:"
         "quarantine_size_mb=16:thread_local_quarantine_size_kb=64:malloc_context_size=0:redzone=128:"
         "allocator_may_return_null=1:print_legend=0:print_summary=0:print_module_map=0";
}

__attribute__((used, visibility("default"))) inline const char *__ubsan_default_options() {
  return "exitcode=87:halt_on_error=1:abort_on_error=0:symbolize=0:stack_trace_format='    #%n %p':color=never:"
         "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0:print_stacktrace=1:print_summary=0";
}
}
