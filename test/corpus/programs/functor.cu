//// features: functors by value as kernel arguments, operator() const, template over the functor
//// sequential
void functor(const float *in, float *out, int n, float a, float b) {
    for (int i = 0; i < n; i++) {
        float line = a * in[i] + b;
        out[i] = line < 0 ? 0 : line;
    }
}
//// kernel
struct Affine {
    float a, b;
    __host__ __device__ Affine(float a, float b) : a(a), b(b) {}
    __device__ float operator()(float x) const { return a * x + b; }
};
struct Relu {
    __device__ float operator()(float x) const { return x > 0 ? x : 0; }
};
template <class F, class G>
struct Then {
    F first;
    G second;
    __device__ float operator()(float x) const { return second(first(x)); }
};
template <class F>
__global__ void apply(const float *in, float *out, int n, F f) {
    int i = threadIdx.x + blockIdx.x * blockDim.x;
    if (i < n) out[i] = f(in[i]);
}
//// wrapper
void functor_cuda(const float *in, float *out, int n, float a, float b) {
    float *d_in, *d_out;
    cudaMalloc(&d_in, n * sizeof(float));
    cudaMalloc(&d_out, n * sizeof(float));
    cudaMemcpy(d_in, in, n * sizeof(float), cudaMemcpyHostToDevice);
    Then<Affine, Relu> both{Affine(a, b), Relu()};
    apply<<<(n + 15) / 16, 16>>>(d_in, d_out, n, both);
    cudaMemcpy(out, d_out, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
float in[5] = {-2, -1, 0, 1, 2}, out[5];
wrapper(FUNCTION, in, out, 5, 2.0f, 1.0f);
---
float in[33], out[33];
for (int i = 0; i < 33; i++) in[i] = i * 0.5f;
wrapper(FUNCTION, in, out, 33, -1.0f, 8.0f);
