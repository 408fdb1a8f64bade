// What tests call instead of wrapper where the unit does not know the streams: as isolated/call.h, but the loader prints.
#pragma once
#include <exception>
#include "describe.h"

namespace __ks {

template <class Unit>
struct Call {
  int line;

  template <class F, class... A>
  void operator()(F function, A &&...arguments) const {
    const Table &table = *Unit::table;
    try {
      {
        const Described before[] = {describe(arguments)..., {}};
        table.begin(line, before, sizeof...(arguments));
      }
      if constexpr (IsVoid<decltype(function(arguments...))>::value) {
        function(arguments...);
        table.print_return(nullptr);
        table.returned(nullptr);
      } else {
        auto &&value = function(arguments...);
        const Described described = describe(value);
        table.print_return(&described);
        table.returned(&described);
      }
      const Described after[] = {describe(arguments)..., {}};
      table.print_arguments(after, sizeof...(arguments));
      table.arguments(after, sizeof...(arguments));
    } catch (const std::exception &error) {
      table.print_thrown(error.what());
      table.thrown(error.what());
    }
  }

  [[noreturn]] static void leave() {
    Unit::table->leave();
    __builtin_unreachable();
  }
};

} // namespace __ks
