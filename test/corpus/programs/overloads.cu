//// features: overload sets of min, max, abs and __ldg; mixed types; signed and unsigned
//// sequential
void overloads(const int *in, int n, int *least, float *most, double *size, long long *distance) {
    for (int i = 0; i < n; i++) {
        least[i] = in[i] < 3 ? in[i] : 3;
        most[i] = in[i] > 2.5f ? in[i] : 2.5f;
        size[i] = in[i] < 0 ? -0.5 * in[i] : 0.5 * in[i];
        long long d = in[i] - 10000000000LL;
        distance[i] = d < 0 ? -d : d;
    }
}
//// kernel
__global__ void overloaded(const int *in, int n, int *least, float *most, double *size, long long *distance) {
    int i = threadIdx.x;
    if (i >= n) return;
    int value = __ldg(in + i);
    least[i] = min(value, 3);
    most[i] = max((float)value, 2.5f);
    size[i] = abs(0.5 * value);
    distance[i] = abs(value - 10000000000LL);
    least[i] = (int)min((long long)least[i], 3LL);
    most[i] = fmaxf(most[i], 2.5f);
    size[i] = max(size[i], fabs(-size[i]));
}
//// wrapper
void overloads_cuda(const int *in, int n, int *least, float *most, double *size, long long *distance) {
    int *d_in, *d_least;
    float *d_most;
    double *d_size;
    long long *d_distance;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_least, n * sizeof(int));
    cudaMalloc(&d_most, n * sizeof(float));
    cudaMalloc(&d_size, n * sizeof(double));
    cudaMalloc(&d_distance, n * sizeof(long long));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    overloaded<<<1, n>>>(d_in, n, d_least, d_most, d_size, d_distance);
    cudaMemcpy(least, d_least, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaMemcpy(most, d_most, n * sizeof(float), cudaMemcpyDeviceToHost);
    cudaMemcpy(size, d_size, n * sizeof(double), cudaMemcpyDeviceToHost);
    cudaMemcpy(distance, d_distance, n * sizeof(long long), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_least);
    cudaFree(d_most);
    cudaFree(d_size);
    cudaFree(d_distance);
}
//// tests
int in[6] = {-5, 0, 2, 3, 4, 1000000}, least[6];
float most[6];
double size[6];
long long distance_[6];
wrapper(FUNCTION, in, 6, least, most, size, distance_);
