//// features: device function templates, specialisation, if constexpr, variadic templates, constexpr functions
//// sequential
void template_functions(int *out, int n) {
    for (int i = 0; i < n; i++) {
        int factorial = 1;
        for (int k = 2; k <= 5; k++) factorial *= k;
        out[i] = i + 2 * i + i * i + (i + 1000) + factorial + (i < 3 ? i : 3);
    }
}
//// kernel
template <int N>
struct Factorial {
    static constexpr int value = N * Factorial<N - 1>::value;
};
template <>
struct Factorial<0> {
    static constexpr int value = 1;
};
template <typename T>
__device__ T sum_of(T value) {
    return value;
}
template <typename T, typename... Rest>
__device__ T sum_of(T first, Rest... rest) {
    return first + sum_of(rest...);
}
template <typename T>
__device__ int kind_of(T value) {
    if constexpr (std::is_floating_point<T>::value) return (int)value;
    else return (int)value + 1000;
}
template <typename T>
__host__ __device__ constexpr T least(T a, T b) {
    return a < b ? a : b;
}
__global__ void mix(int *out) {
    int i = threadIdx.x;
    out[i] = sum_of(i, 2 * i, i * i) + kind_of(i) + kind_of(0.75f) + Factorial<5>::value + least<int>(i, 3);
}
//// wrapper
void template_functions_cuda(int *out, int n) {
    int *d_out;
    cudaMalloc(&d_out, n * sizeof(int));
    mix<<<1, n>>>(d_out);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
int out[8];
wrapper(FUNCTION, out, 8);
