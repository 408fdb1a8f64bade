// wrapper(f, a, b, ...): calls f and prints what it returned and what its arguments hold afterwards.
//
//   scalar            as std::cout prints it          1-D array   [ 1, 2 ]
//   pointer           its address                     2-D array   a line [, a line "  [ 1, 2 ]," for each row, ]
//   std::vector       [1, 2]                          exception   Runtime Error: and its text
//
// Every call of wrapper has types of its own, and what is compiled for each is what a program costs: so all that can be is
// printed by functions of the element type alone.
#pragma once
#include <cstddef>
#include <exception>
#include <iostream>
#include <type_traits>
#include <vector>

namespace __ks {

template <class T>
void print(const T &value) {
  std::cout << value;
}

template <class T>
void print(T *const &pointer) {
  std::cout << (const void *)pointer;
}

template <class T, std::size_t N>
void print(const T (&array)[N]);
template <class T, class A>
void print(const std::vector<T, A> &values);

template <class T>
void print_elements(const void *elements, std::size_t count) {
  auto *element = static_cast<const T *>(elements);
  std::cout << "[ ";
  for (std::size_t i = 0; i < count; i++) {
    if (i > 0) std::cout << ", ";
    print(element[i]);
  }
  std::cout << " ]";
}

template <class T>
void print_rows(const void *rows, std::size_t count) {
  auto *row = static_cast<const T *>(rows);
  std::cout << "[\n";
  for (std::size_t i = 0; i < count; i++) {
    std::cout << "  ";
    print(row[i]);
    std::cout << ",\n";
  }
  std::cout << "]";
}

template <class T>
void print_one(const void *value, std::size_t) {
  print(*static_cast<const T *>(value));
}

template <class T, std::size_t N>
void print(const T (&array)[N]) {
  if constexpr (std::is_array_v<T>) print_rows<T>(array, N);
  else print_elements<T>(array, N);
}

template <class T, class A>
void print(const std::vector<T, A> &values) {
  std::cout << "[";
  bool first = true;
  for (const auto &value : values) {
    if (!first) std::cout << ", ";
    first = false;
    print(static_cast<const T &>(value));
  }
  std::cout << "]";
}

// An argument, and who can print it.
struct Shown {
  const void *value;
  std::size_t count;
  void (*print)(const void *value, std::size_t count);
};

template <class T>
Shown shown(const T &value) {
  return {&value, 1, print_one<T>};
}
template <class T, std::size_t N>
Shown shown(const T (&array)[N]) {
  if constexpr (std::is_array_v<T>) return {array, N, print_rows<T>};
  else return {array, N, print_elements<T>};
}

inline void print_return(const Shown &value) {
  std::cout << "Return value: ";
  value.print(value.value, value.count);
  std::cout << std::endl;
}

inline void print_void_return() { std::cout << "Return value: void" << std::endl; }

inline void print_arguments(const Shown *arguments, std::size_t count) {
  std::cout << "Arguments after function call: (";
  for (std::size_t i = 0; i < count; i++) {
    if (i > 0) std::cout << ", ";
    arguments[i].print(arguments[i].value, arguments[i].count);
  }
  std::cout << ")" << std::endl;
}

inline void print_exception(const std::exception &error) { std::cout << "Runtime Error: " << error.what() << std::endl; }

} // namespace __ks

template <class F, class... A>
void wrapper(F function, A &&...arguments) {
  try {
    if constexpr (std::is_void_v<decltype(function(arguments...))>) {
      function(arguments...);
      __ks::print_void_return();
    } else {
      auto &&value = function(arguments...);
      __ks::print_return(__ks::shown(value));
    }
    const __ks::Shown shown[] = {__ks::shown(arguments)..., {}};
    __ks::print_arguments(shown, sizeof...(arguments));
  } catch (const std::exception &error) {
    __ks::print_exception(error);
  }
}
