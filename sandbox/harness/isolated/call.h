// What tests call instead of wrapper: prints as it does, and hands every value to the loader by type and place.
//
// `Unit` is a type of the unit's whose name the program cannot know, so that the program can neither specialise nor define
// what is instantiated here.
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
        print_void_return();
        table.returned(nullptr);
      } else {
        auto &&value = function(arguments...);
        print_return(shown(value));
        const Described described = describe(value);
        table.returned(&described);
      }
      const Shown shown_arguments[] = {shown(arguments)..., {}};
      print_arguments(shown_arguments, sizeof...(arguments));
      const Described after[] = {describe(arguments)..., {}};
      table.arguments(after, sizeof...(arguments));
    } catch (const std::exception &error) {
      print_exception(error);
      table.thrown(error.what());
    }
  }

  [[noreturn]] static void leave() {
    Unit::table->leave();
    __builtin_unreachable();
  }
};

} // namespace __ks
