//// features: structures with arrays by value, returned by device functions, alignment of mixed members
//// sequential
void struct_by_value(double *out, int n) {
    for (int i = 0; i < n; i++) {
        double value = 0;
        for (int k = 3; k >= 0; k--) value = value * i + (k + 1);
        out[i] = value + 7 + 0.5;
    }
}
//// kernel
struct Polynomial {
    char degree;
    double coefficients[4];
    short extra;
};
struct Result {
    double value;
    int flag;
};
__device__ Result evaluate(Polynomial p, double x) {
    Result result = {0, p.extra};
    for (int k = p.degree; k >= 0; k--) result.value = result.value * x + p.coefficients[k];
    return result;
}
__global__ void evaluate_all(Polynomial p, double *out) {
    Result result = evaluate(p, threadIdx.x);
    p.coefficients[0] = 0.5;
    out[threadIdx.x] = result.value + result.flag + p.coefficients[0];
}
//// wrapper
void struct_by_value_cuda(double *out, int n) {
    double *d_out;
    cudaMalloc(&d_out, n * sizeof(double));
    Polynomial p = {3, {1, 2, 3, 4}, 7};
    evaluate_all<<<1, n>>>(p, d_out);
    p.coefficients[0] = 100;
    cudaMemcpy(out, d_out, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
double out[6];
wrapper(FUNCTION, out, 6);
