// wrapper(f, a, b, ...): calls f and prints what it returned and what its arguments hold afterwards.
//
//   scalar            as std::cout prints it          1-D array   [ 1, 2 ]
//   pointer           its address                     2-D array   a line [, a line "  [ 1, 2 ]," for each row, ]
//   std::vector       [1, 2]                          exception   Runtime Error: and its text
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
void print(const T (&array)[N]) {
  std::cout << "[ ";
  for (std::size_t i = 0; i < N; i++) {
    if (i > 0) std::cout << ", ";
    print(array[i]);
  }
  std::cout << " ]";
}

template <class T, std::size_t N, std::size_t M>
void print(const T (&rows)[N][M]) {
  std::cout << "[\n";
  for (std::size_t i = 0; i < N; i++) {
    std::cout << "  ";
    print(rows[i]);
    std::cout << ",\n";
  }
  std::cout << "]";
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

template <class... A>
void print_arguments(const A &...arguments) {
  std::cout << "Arguments after function call: (";
  [[maybe_unused]] bool first = true;
  (((first ? void() : void(std::cout << ", ")), first = false, print(arguments)), ...);
  std::cout << ")" << std::endl;
}

} // namespace __ks

template <class F, class... A>
void wrapper(F function, A &&...arguments) {
  try {
    if constexpr (std::is_void_v<decltype(function(arguments...))>) {
      function(arguments...);
      std::cout << "Return value: void" << std::endl;
    } else {
      auto &&value = function(arguments...);
      std::cout << "Return value: ";
      __ks::print(value);
      std::cout << std::endl;
    }
    __ks::print_arguments(arguments...);
  } catch (const std::exception &error) {
    std::cout << "Runtime Error: " << error.what() << std::endl;
  }
}
