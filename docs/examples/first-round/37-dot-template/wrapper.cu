template <typename T>
static T *to_device(const T *values, int n) {
    T *copy = nullptr;
    cudaMalloc((void **)&copy, n * sizeof(T));
    cudaMemcpy(copy, values, n * sizeof(T), cudaMemcpyHostToDevice);
    return copy;
}

double dot_product_cuda(const double *a, const double *b, int n) {
    double *d_a = to_device(a, n);
    double *d_b = to_device(b, n);
    double *d_result;
    cudaMalloc(&d_result, sizeof(double));
    dot_kernel<double, 16><<<1, 16>>>(d_a, d_b, d_result, n);
    double result;
    cudaMemcpy(&result, d_result, sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
    cudaFree(d_b);
    cudaFree(d_result);
    return result;
}
